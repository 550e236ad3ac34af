"""virtio devices: rings of buffers in memory that driver and device share.

ring        the three parts of a split virtqueue as they lie in memory
queue       hands buffers to the device and takes them back

Source: Virtual I/O Device (VIRTIO) Version 1.2, OASIS.
"""
