// The browser's storage, where it may be used: private windows and strict settings forbid it.

const PROBE = 'gnosis-ocr.probe'

/** kind: `session` or `local`. null where it is forbidden. */
export function storage(kind) {
  try {
    const found = kind === 'local' ? globalThis.localStorage : globalThis.sessionStorage
    found.setItem(PROBE, '1')
    found.removeItem(PROBE)
    return found
  } catch {
    return null
  }
}
