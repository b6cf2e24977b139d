//! Secret sharing: additive segments over a Paillier modulus.
