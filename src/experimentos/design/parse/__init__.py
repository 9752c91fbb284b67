"""Plain English to a draft design, without a language model."""
