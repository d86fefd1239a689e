"""Reading over HTTP: this API against bare limits and against peers that answer the same questions."""
