"""What people read: notices to the offices whose reports contradict themselves."""
