//! Grants with vesting out of the six programs, and service fees.
#![cfg_attr(not(feature = "std"), no_std)]
