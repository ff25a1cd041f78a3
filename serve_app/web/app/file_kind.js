// What can be said of a file before it is sent: that it is empty, too large, or of no kind that the server reads.
//
// Kinds are told apart by content, as the server does it. Where the server names kinds that this page does not know, or
// does not answer, it is left to the server.

export const HEAD_BYTES = 1029

const KNOWN = {
  'application/pdf': (head) => textOf(head, 0, HEAD_BYTES).includes('%PDF-'),
  'image/png': (head) => begins(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  'image/jpeg': (head) => begins(head, [0xff, 0xd8, 0xff]),
  'image/tiff': (head) => ['II*\0', 'II+\0', 'MM\0*', 'MM\0+'].includes(textOf(head, 0, 4)),
  'image/webp': (head) => textOf(head, 0, 4) === 'RIFF' && textOf(head, 8, 12) === 'WEBP',
  'image/bmp': (head) => textOf(head, 0, 2) === 'BM',
}

/** False only where it is sure. head: the first HEAD_BYTES of a file, or all. mediaTypes: what the server reads. */
export function mayBeRead(head, mediaTypes) {
  return mediaTypes.some((type) => !Object.hasOwn(KNOWN, type) || KNOWN[type](head))
}

/**
 * The code of what is certainly wrong with the file, or null.
 *
 * @param {Blob|null} file null where it can't be read
 * @param {{limits: {upload_bytes: number}, media_types: string[]}|null} info of the server; null: not known
 */
export async function certainFault(file, info) {
  if (file === null) return 'file_unreadable'
  if (file.size === 0) return 'file_empty'
  if (info !== null && file.size > info.limits.upload_bytes) return 'file_too_large'
  let head
  try {
    head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  } catch {
    return 'file_unreadable'
  }
  return info === null || mayBeRead(head, info.media_types) ? null : 'media_type_unsupported'
}

function begins(head, bytes) {
  return bytes.every((byte, at) => head[at] === byte)
}

function textOf(head, start, end) {
  return Array.from(head.subarray(start, end), (byte) => String.fromCharCode(byte)).join('')
}
