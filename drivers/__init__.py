"""Device drivers: one device a module, each against scarlet.machine.mmio, so that both worlds run the same code."""
