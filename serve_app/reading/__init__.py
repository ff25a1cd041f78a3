"""How ``gnosis-ocr read`` reads many documents through a server: gathered, read a few at a time, kept in a folder."""
