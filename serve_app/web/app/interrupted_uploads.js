// Uploads that an earlier visit began and did not end: the library keeps their addresses on this device. The files
// themselves are gone with the page, so each has to be chosen again to go on.

const PREFIX = 'tus::'
const LIFE_MS = 24 * 3600 * 1000

/**
 * @param {Storage|null} storage
 * @param {number} now milliseconds
 * @returns {{key: string, name: string, size: number, url: string}[]} the newest first
 */
export function interruptedUploads(storage, now) {
  const found = []
  for (const key of keysOf(storage)) {
    const kept = parsed(storage.getItem(key))
    const begun = Date.parse(kept?.creationTime ?? '')
    if (typeof kept?.uploadUrl !== 'string' || !(now - begun < LIFE_MS)) continue
    const name = String(kept.metadata?.filename ?? 'document')
    found.push({ key, begun, name, size: kept.size, url: kept.uploadUrl })
  }
  return found.sort((one, other) => other.begun - one.begun)
}

/** The upload has become a job, or never will. */
export function forgetUpload(storage, url) {
  for (const key of keysOf(storage)) {
    if (parsed(storage.getItem(key))?.uploadUrl === url) storage.removeItem(key)
  }
}

function keysOf(storage) {
  const keys = Array.from({ length: storage?.length ?? 0 }, (_, at) => storage.key(at))
  return keys.filter((key) => key.startsWith(PREFIX))
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
