//! Validators and service bonds: election, rewards without inflation, slashing.
#![cfg_attr(not(feature = "std"), no_std)]
