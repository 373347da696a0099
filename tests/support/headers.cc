// Nothing: a library wants a source.
