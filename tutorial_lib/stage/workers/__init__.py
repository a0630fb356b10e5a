"""Workers: on a thread of the kernel, or in a process of their own that can really be killed."""
