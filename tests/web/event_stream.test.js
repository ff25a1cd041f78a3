// Server-Sent Events out of pieces that end anywhere.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventParser, readEvents } from '../../serve_app/web/app/event_stream.js'

const STREAM = [
  'event: status\nid: 1:\ndata: {"percent":5}\n\n',
  ': still here\n\n',
  'event: page\nid: 1:1\ndata: {"page":1}\n\n',
].join('')
const EVENTS = [
  { event: 'status', id: '1:', data: '{"percent":5}' },
  { event: 'page', id: '1:1', data: '{"page":1}' },
]

function parsed(pieces) {
  const parser = new EventParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

for (const [name, end] of [['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']]) {
  test(`lines that end with ${name}, cut at every place`, () => {
    const text = STREAM.replaceAll('\n', end)
    assert.deepEqual(parsed([...text]), EVENTS)
    for (let at = 0; at <= text.length; at += 1) {
      assert.deepEqual(parsed([text.slice(0, at), text.slice(at)]), EVENTS, `cut at ${at}`)
    }
  })
}

test('several lines of data are one text, one space after the colon is no part of it', () => {
  assert.deepEqual(parsed(['data: a\ndata:  b\ndata\n\n']), [{ event: 'message', id: '', data: 'a\n b\n' }])
})

test('an event without data is none, and leaves its name to nobody', () => {
  assert.deepEqual(parsed(['event: page\n\ndata: x\n\n']), [{ event: 'message', id: '', data: 'x' }])
})

test('the id stays until the next one; one with NUL is no id', () => {
  const events = parsed(['id: 1:1\ndata: a\n\ndata: b\n\nid: x\0\ndata: c\n\nid\ndata: d\n\n'])
  assert.deepEqual(events.map(({ id }) => id), ['1:1', '1:1', '1:1', ''])
})

test('a byte order mark at the very start is passed over', () => {
  assert.deepEqual(parsed(['\uFEFFdata: a\n\n'])[0].data, 'a')
})

test('what was begun and not ended is no event', () => {
  assert.deepEqual(parsed(['data: half\n']), [])
})

test('the body of a response, characters cut in two', async () => {
  const bytes = new TextEncoder().encode('data: Grüße\n\n: still here\n\n')
  let signs = 0
  const body = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  const events = await Array.fromAsync(readEvents(new Response(body), () => (signs += 1)))
  assert.deepEqual(events, [{ event: 'message', id: '', data: 'Grüße' }])
  assert.ok(signs >= bytes.length / 2)
})
