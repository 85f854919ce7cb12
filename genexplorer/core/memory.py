"""How this process asks the system for memory."""

import ctypes
import functools
import sys


@functools.cache
def keep_big_blocks() -> None:
    """Tell glibc to keep freed blocks: by itself it gives those over 32 MB back at every step, and faults them in anew.

    Smaller ones as well until many were freed. Each page costs about two microseconds to fault in, as much as an
    operation on it. For the whole process, once. No effect on other systems.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        libc = ctypes.CDLL("libc.so.6")
        m_trim_threshold, m_top_pad, m_mmap_threshold = -1, -2, -3
        libc.mallopt(m_mmap_threshold, 32 << 20)
        libc.mallopt(m_trim_threshold, 1 << 30)
        libc.mallopt(m_top_pad, 64 << 20)
    except (OSError, AttributeError):
        return
