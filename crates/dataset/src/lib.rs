//! Captured sessions: the file format that capture writes and training reads.
