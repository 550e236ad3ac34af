"""The runtime's modules are imported over a simulated memory."""

from tests.runtime import simulated

simulated.install()
