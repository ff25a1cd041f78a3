// A key that nobody else has. Not crypto.randomUUID, which browsers have on https and on this machine alone.

/** 32 hex digits. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
