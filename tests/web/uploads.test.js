// Documents on their way: how many at a time, what is checked first, what is tried again, pause, cancel, another key.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyRing } from '../../serve_app/web/app/key.js'
import { noAnswer, Problem } from '../../serve_app/web/app/problem.js'
import { firstToShow, Uploads } from '../../serve_app/web/app/uploads.js'

const INFO = {
  limits: { upload_bytes: 30 << 20, direct_upload_bytes: 20 << 20 },
  media_types: ['application/pdf', 'image/png'],
}

function pdf(size = 100) {
  return new Blob(['%PDF-1.7\n', new Uint8Array(size - 9)])
}

/** Senders that do as they are told by the test, one call after the other. */
function bench(script = {}) {
  const calls = []
  const accepted = []
  const waits = []
  const deleted = []
  const send = (how) => (sending) => new Promise((resolve, reject) => {
    sending.signal.addEventListener('abort', () => reject(sending.signal.reason))
    const call = { how, ...sending, resolve: (id) => resolve({ job_id: id }), reject }
    calls.push(call)
    script.onCall?.(call, calls.length)
  })
  const keys = new KeyRing({ session: null, lasting: null })
  const api = Object.assign(new EventTarget(), {
    key: () => keys.current,
    json: async () => script.info ?? INFO,
    delete: async (path) => deleted.push(path),
    renewKey: async (refused, problem) => {
      if (!(await keys.ask({ refused: refused !== null }))) throw problem
    },
  })
  const uploads = new Uploads({
    api,
    onAccepted: (record) => accepted.push(record.job_id),
    senders: {
      sendWhole: send('whole'),
      sendResumable: send('resumable'),
      discardUpload: async (_, url) => deleted.push(url),
    },
    wait: (ms, signal) => {
      waits.push(ms)
      return script.wait ? script.wait(signal) : Promise.resolve()
    },
  })
  return { uploads, calls, accepted, waits, deleted, keys }
}

async function until(condition) {
  for (let round = 0; round < 200; round += 1) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.fail(`never: ${condition}`)
}

function documents(count, file = pdf()) {
  return Array.from({ length: count }, (_, at) => ({ file, name: `${at}.pdf` }))
}

test('three at a time, in order, and gone once accepted', async () => {
  const { uploads, calls, accepted } = bench()
  uploads.add(documents(5), { mode: 'ocr' })
  await until(() => calls.length === 3)
  assert.deepEqual(calls.map(({ name }) => name), ['0.pdf', '1.pdf', '2.pdf'])
  assert.ok(uploads.busy)
  calls[1].resolve('b')
  await until(() => calls.length === 4)
  assert.deepEqual(calls[3].options, { mode: 'ocr' })
  assert.deepEqual([accepted, uploads.list.length], [['b'], 4])
  assert.equal(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size, 4)
})

test('large ones go by the resumable way, as do those above the limit of one request', async () => {
  const { calls, uploads } = bench()
  uploads.add([{ file: pdf(9 << 20), name: 'large.pdf' }, { file: pdf(8 << 20), name: 'small.pdf' }], {})
  await until(() => calls.length === 2)
  assert.deepEqual(calls.map(({ how, name }) => `${how} ${name}`).sort(), ['resumable large.pdf', 'whole small.pdf'])
  const tight = bench({ info: { ...INFO, limits: { ...INFO.limits, direct_upload_bytes: 50 } } })
  tight.uploads.add(documents(1), {})
  await until(() => tight.calls.length === 1)
  assert.equal(tight.calls[0].how, 'resumable')
})

test('what is certainly wrong is said before anything is sent', async () => {
  const { uploads, calls } = bench()
  const docx = new Blob(['PK\x03\x04 and so on'])
  const files = { 'a.docx': docx, 'b.pdf': new Blob([]), 'c.pdf': pdf((30 << 20) + 1), 'd.pdf': null }
  uploads.add(Object.entries(files).map(([name, file]) => ({ file, name })), {})
  await until(() => uploads.list.every(({ state }) => state === 'refused'))
  assert.deepEqual(
    uploads.list.map(({ problem }) => problem.code),
    ['media_type_unsupported', 'file_empty', 'file_too_large', 'file_unreadable'],
  )
  assert.equal(calls.length, 0)
  assert.ok(!uploads.busy)
  uploads.dismissRefused()
  assert.equal(uploads.list.length, 0)
})

test('of many, those that are under way are shown, however many were refused before them', () => {
  const list = ['refused', 'refused', 'sending', 'paused', 'waiting', 'waiting'].map((state, at) => ({ state, at }))
  const shown = (most) => firstToShow(list, most).map(({ at }) => at)
  assert.deepEqual(shown(3), [2, 3, 0])
  assert.deepEqual(shown(5), [2, 3, 0, 1, 4])
  assert.deepEqual(shown(6), [0, 1, 2, 3, 4, 5])
})

test('it goes on by itself as often as the server does not answer, under the same key', async () => {
  const { uploads, calls, accepted, waits } = bench({
    onCall: (call, count) => (count < 9 ? call.reject(noAnswer()) : call.resolve('a')),
  })
  uploads.add(documents(1), {})
  await until(() => accepted.length === 1)
  assert.equal(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size, 1)
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000])
})

test('the server says when to come again', async () => {
  const busy = new Problem({ status: 503, code: 'overloaded', retryAfter: 7 })
  const { uploads, accepted, waits } = bench({
    onCall: (call, count) => (count === 1 ? call.reject(busy) : call.resolve('a')),
  })
  uploads.add(documents(1), {})
  await until(() => accepted.length === 1)
  assert.deepEqual(waits, [7000])
})

test('a refusal is for good, until the person tries again with other options', async () => {
  const { uploads, calls, accepted } = bench({
    onCall: (call, count) => {
      if (count === 1) call.reject(new Problem({ status: 400, code: 'option_invalid' }))
      else call.resolve('a')
    },
  })
  const [upload] = uploads.add(documents(1), { pages: '9' })
  await until(() => upload.state === 'refused')
  uploads.resume(upload, { pages: '1' })
  await until(() => accepted.length === 1)
  assert.deepEqual(calls[1].options, { pages: '1' })
  assert.notEqual(calls[0].idempotencyKey, calls[1].idempotencyKey)
})

test('paused it waits for the person, who leaves its place to others', async () => {
  const { uploads, calls, accepted } = bench()
  const [first] = uploads.add(documents(4, pdf(9 << 20)), {})
  await until(() => calls.length === 3)
  uploads.pause(first)
  await until(() => calls.length === 4)
  assert.equal(calls[3].name, '3.pdf')
  assert.equal(first.state, 'paused')
  for (const call of calls.slice(1)) call.resolve(call.name)
  await until(() => accepted.length === 3)
  assert.ok(!uploads.busy)
  uploads.resume(first)
  await until(() => calls.length === 5)
  calls[4].resolve('first')
  await until(() => accepted.length === 4)
})

test('cancelled it is gone, and what arrived is removed', async () => {
  const { uploads, calls, accepted, deleted } = bench()
  const [upload] = uploads.add(documents(1, pdf(9 << 20)), {})
  await until(() => calls.length === 1)
  calls[0].onAddress('http://host/api/uploads/u1')
  uploads.cancel(upload)
  await until(() => deleted.length === 1)
  assert.deepEqual([uploads.list, accepted, deleted], [[], [], ['http://host/api/uploads/u1']])
})

test('two of the same file never go by one upload', async () => {
  const { uploads, calls } = bench()
  uploads.add(documents(2, pdf(9 << 20)), {})
  await until(() => calls.length === 2)
  calls[0].onAddress('u1')
  assert.equal(calls[0].isTaken('u1'), false)
  assert.equal(calls[1].isTaken('u1'), true)
})

test('a key that is not taken is asked for, and the upload goes on', async () => {
  const { uploads, keys, accepted } = bench({
    onCall: (call, count) => {
      if (count === 1) call.reject(new Problem({ status: 401, code: 'unauthorized' }))
      else call.resolve('a')
    },
  })
  uploads.add(documents(1), {})
  await until(() => keys.asking !== null)
  keys.give('new')
  await until(() => accepted.length === 1)
})

test('without a key it is refused', async () => {
  const { uploads, keys } = bench({ onCall: (call) => call.reject(new Problem({ status: 401, code: 'unauthorized' })) })
  const [upload] = uploads.add(documents(1), {})
  await until(() => keys.asking !== null)
  keys.dismiss()
  await until(() => upload.state === 'refused')
  assert.equal(upload.problem.code, 'unauthorized')
})

test('progress is told, and what was gained starts the waits anew', async () => {
  const { uploads, calls, waits } = bench()
  const [upload] = uploads.add(documents(1, pdf(9 << 20)), {})
  await until(() => calls.length === 1)
  calls[0].reject(noAnswer())
  await until(() => calls.length === 2)
  calls[1].onProgress(1000)
  assert.equal(upload.sent, 1000)
  calls[1].reject(noAnswer())
  await until(() => calls.length === 3)
  assert.deepEqual(waits, [500, 500])
})

test('who waits to be tried again may be hurried, and is not tried twice', async () => {
  const { uploads, calls } = bench({
    wait: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  })
  const [upload] = uploads.add(documents(1), {})
  await until(() => calls.length === 1)
  calls[0].reject(noAnswer())
  await until(() => upload.state === 'retrying')
  uploads.resume(upload)
  await until(() => calls.length === 2)
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(calls.length, 2)
})
