// Files before they are sent: which kinds are known by content, folders walked to their ends, uploads left unfinished.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chosenDocuments, documentsIn } from '../../serve_app/web/app/dropped_files.js'
import { certainFault, mayBeRead } from '../../serve_app/web/app/file_kind.js'
import { forgetUpload, interruptedUploads } from '../../serve_app/web/app/interrupted_uploads.js'

const TYPES = ['application/pdf', 'image/png', 'image/jpeg', 'image/tiff', 'image/webp', 'image/bmp']
const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

test('every kind is known by its beginning', () => {
  const images = ['\x89PNG\r\n\x1a\n', '\xff\xd8\xff\xe0', 'II*\0', 'MM\0*', 'RIFF....WEBP', 'BM']
  const heads = [`${'x'.repeat(1024)}%PDF-1.4`, ...images]
  for (const head of heads) assert.ok(mayBeRead(bytes(head), TYPES), head)
  const others = ['', 'PK\x03\x04', 'GIF89a', '<html>', 'RIFF....WAVE', 'M']
  for (const head of others) assert.ok(!mayBeRead(bytes(head), TYPES), head)
})

test('kinds that this page does not know are left to the server', () => {
  assert.ok(mayBeRead(bytes('PK\x03\x04'), [...TYPES, 'application/vnd.future']))
  assert.ok(!mayBeRead(bytes('\x89PNG\r\n\x1a\n'), ['application/pdf']))
})

test('without the server only the file itself is looked at', async () => {
  assert.equal(await certainFault(new Blob([]), null), 'file_empty')
  assert.equal(await certainFault(new Blob(['anything']), null), null)
  const gone = { size: 5, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }) }
  assert.equal(await certainFault(gone, null), 'file_unreadable')
  assert.equal(await certainFault(null, null), 'file_unreadable')
})

const file = (path) => ({
  name: path.split('/').pop(), fullPath: path, isDirectory: false, file: (taken) => taken(path),
})

function folder(path, ...portions) {
  return {
    name: path.split('/').pop(), fullPath: path, isDirectory: true,
    createReader: () => {
      const left = [...portions]
      return { readEntries: (taken) => taken(left.shift() ?? []) }
    },
  }
}

function unreadable(entry) {
  const fails = (taken, refused) => refused(new Error('NotReadableError'))
  return { ...entry, ...(entry.isDirectory ? { createReader: () => ({ readEntries: fails }) } : { file: fails }) }
}

const item = (entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })

test('a folder is walked to its end, in the order in which people count, without hidden files', async () => {
  const dropped = folder('/d', [file('/d/page 10.png'), folder('/d/a', [file('/d/a/x.pdf')])],
    [file('/d/page 9.png'), file('/d/.DS_Store'), folder('/d/.git', [file('/d/.git/config')])])
  const items = [item(dropped), item(file('/c.pdf')), { kind: 'string' }]
  const found = await documentsIn({ items, files: [] })
  assert.deepEqual(found.map((each) => each.file), ['/c.pdf', '/d/a/x.pdf', '/d/page 9.png', '/d/page 10.png'])
  assert.deepEqual(found.map(({ name }) => name), ['c.pdf', 'x.pdf', 'page 9.png', 'page 10.png'])
})

test('what can’t be read is told, and takes nothing with it', async () => {
  const dropped = folder('/d', [unreadable(file('/d/a.pdf')), unreadable(folder('/d/b')), file('/d/c.pdf')])
  assert.deepEqual(await documentsIn({ items: [item(dropped)], files: [] }), [
    { file: null, name: 'a.pdf' }, { file: null, name: 'b' }, { file: '/d/c.pdf', name: 'c.pdf' },
  ])
})

test('without entries the files are taken as they come', async () => {
  const files = [{ name: 'a' }, { name: 'b' }]
  const found = await documentsIn({ items: [{ kind: 'file' }], files })
  assert.deepEqual(found, files.map((each) => ({ file: each, name: each.name })))
})

test('a chosen folder comes in the same order', () => {
  const paths = ['d/2/a.pdf', 'd/10.pdf', 'd/.x/b.pdf', 'd/9.pdf']
  const files = paths.map((path) => ({ name: path, webkitRelativePath: path }))
  assert.deepEqual(chosenDocuments(files).map(({ name }) => name), ['d/2/a.pdf', 'd/9.pdf', 'd/10.pdf'])
})

class Kept extends Map {
  get length() {
    return this.size
  }

  key(at) {
    return [...this.keys()][at]
  }

  getItem(key) {
    return this.get(key) ?? null
  }

  removeItem(key) {
    this.delete(key)
  }
}

test('uploads of a day are told, the newest first, and forgotten', () => {
  const now = Date.parse('2026-01-02T00:00:00Z')
  const kept = (hours, url) => JSON.stringify({
    uploadUrl: url,
    size: 9,
    metadata: { filename: `${url}.pdf` },
    creationTime: new Date(now - hours * 3600e3).toString(),
  })
  const storage = new Kept([
    ['tus::a', kept(2, 'a')], ['tus::b', kept(1, 'b')], ['tus::old', kept(30, 'old')],
    ['tus::odd', '{'], ['other', 'x'],
  ])
  assert.deepEqual(interruptedUploads(storage, now).map(({ name }) => name), ['b.pdf', 'a.pdf'])
  forgetUpload(storage, 'b')
  assert.deepEqual(interruptedUploads(storage, now).map(({ url }) => url), ['a'])
  assert.ok(storage.has('other'))
  assert.deepEqual(interruptedUploads(null, now), [])
})
