"""An archive in storage that several machines share: read by tasks, settled by one process, asked in place."""
