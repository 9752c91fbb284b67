"""Values to documents, documents to formats."""
