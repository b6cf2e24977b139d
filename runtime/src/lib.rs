//! The EncryTrust runtime.
#![cfg_attr(not(feature = "std"), no_std)]
