"""An archive that several machines share: read by tasks, settled by one process, asked where it lies."""
