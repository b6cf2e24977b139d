//! The chain as the worker sees it: typed extrinsics, runtime APIs and finalised blocks over subxt.
