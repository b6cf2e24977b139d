//! Authenticated, encrypted messages between workers over libp2p.
