"""How NFT answers are read: lists, collections, metadata documents, their addresses."""
