"""Proofs: what the policy promises, tried on the whole program, each with a defect it must see."""
