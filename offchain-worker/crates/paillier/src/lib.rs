//! Paillier encryption, constant time on secrets, with packing and key files.
