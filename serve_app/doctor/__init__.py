"""What ``gnosis-ocr doctor`` looks at: each check tells what it found, and where it is amiss, how to mend it."""
