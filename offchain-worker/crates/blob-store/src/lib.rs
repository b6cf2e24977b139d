//! Content-addressed blobs: CIDv1, sha2-256, raw leaves.
