"""What ``gnosis-ocr doctor`` looks at: each check tells what it found, and how to mend it where it is not as it should be."""
