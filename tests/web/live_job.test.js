// One job followed: the record first, then its events; what breaks is resumed, and what can't be had is told.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { LiveJob } from '../../serve_app/web/app/live_job.js'
import { Problem } from '../../serve_app/web/app/problem.js'

const RUNNING = {
  job_id: 'j',
  run: 1,
  status: 'processing',
  options: { pages: null },
  file_info: { total_pages: 3 },
  pages_extracted: 3,
}
const ENDED = { ...RUNNING, status: 'completed' }
let following = null

afterEach(() => following?.stop())

/** A clock that stands still but when it is told to go on. */
class Timers {
  #at = 0
  #set = new Map()
  #next = 1

  now = () => this.#at
  jitter = () => 1
  clear = (timer) => this.#set.delete(timer)

  set = (done, ms) => {
    this.#set.set(this.#next, { done, due: this.#at + ms })
    return this.#next++
  }

  /** How long until each is due, but for those by which listeners are told a little later. */
  get waits() {
    return [...this.#set.values()].map(({ due }) => due - this.#at).filter((ms) => ms > 60)
  }

  go(ms) {
    this.#at += ms
    for (const [timer, { done, due }] of [...this.#set]) {
      if (due > this.#at) continue
      this.#set.delete(timer)
      done()
    }
  }
}

/** answers: by the start of the path, what each request gets in turn; the last one again and again. */
class Server {
  asked = []

  constructor(answers) {
    this.answers = answers
  }

  get = async (path, { headers, signal }) => {
    const name = path.includes('/events') ? 'events' : 'status'
    this.asked.push({ path, headers, signal })
    const turn = this.asked.filter((each) => each.path.includes(`/${name}`)).length - 1
    const answer = this.answers[name][Math.min(turn, this.answers[name].length - 1)]
    if (answer instanceof Error) throw answer
    return answer(signal)
  }

  requests(name) {
    return this.asked.filter(({ path }) => path.includes(`/${name}`))
  }
}

const known = (record, etag = '"1-1"') => () => new Response(JSON.stringify(record), { headers: { ETag: etag } })
const unchanged = () => new Response(null, { status: 304 })
const event = (name, id, data) => `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
const page = (number, id, text = `text ${number}`) => event('page', id, { page: number, status: 'completed', text })

/** open: it goes on after these pieces until it is aborted. */
function stream(pieces, { open = false } = {}) {
  return (signal) => new Response(new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
      if (!open) controller.close()
      else signal.addEventListener('abort', () => controller.error(signal.reason), { once: true })
    },
  }))
}

function followed(answers) {
  const timers = new Timers()
  const server = new Server(answers)
  following = new LiveJob({ api: server, id: 'j', timers })
  following.start()
  return { live: following, server, timers }
}

async function until(condition) {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (condition()) return
    await new Promise((done) => setTimeout(done, 1))
  }
  assert.fail(`never: ${condition}`)
}

test('a job that has ended is asked for once, and no stream is opened', async () => {
  const record = { ...ENDED, pages: { 1: { status: 'completed' } } }
  const { live, server } = followed({ status: [known(record)], events: [] })
  await until(() => live.connection === 'ended')
  assert.equal(live.pages.completed, 1)
  assert.equal(server.asked.length, 1)
  assert.equal('pages' in live.record, false)
})

test('what the record tells is not sent again, and the end comes with a whole record', async () => {
  const pages = { 1: { status: 'completed' }, 2: { status: 'pending' }, 3: { status: 'pending' } }
  const { live, server } = followed({
    status: [known({ ...RUNNING, pages }), known(ENDED, '"1-9"')],
    events: [stream([
      event('status', '1:1', RUNNING),
      page(2, '1:1-2'),
      page(3, '1:1-3'),
      event('done', '1:1-3', { status: 'completed' }),
    ])],
  })
  await until(() => live.connection === 'ended')
  assert.equal(server.requests('events')[0].headers['Last-Event-ID'], '1:1')
  assert.deepEqual([1, 2, 3].map((number) => live.pages.texts.get(number)), [undefined, 'text 2', 'text 3'])
  assert.equal(live.pages.completed, 3)
  assert.equal(live.record.status, 'completed')
})

test('a stream that breaks is gone on with after its last event', async () => {
  const { live, server, timers } = followed({
    status: [known({ ...RUNNING, pages: {} }), unchanged],
    events: [
      stream([event('status', '1:', RUNNING), page(1, '1:1')]),
      stream([event('status', '1:1', RUNNING)], { open: true }),
    ],
  })
  await until(() => live.connection === 'lost')
  timers.go(400)
  await until(() => live.connection === 'stream')
  assert.deepEqual(server.requests('events').map(({ headers }) => headers['Last-Event-ID']), ['1:', '1:1'])
  assert.equal(server.requests('status')[1].headers['If-None-Match'], '"1-1"')
})

test('a stream that falls silent counts as broken; comments keep it', async () => {
  const { live, server, timers } = followed({
    status: [known({ ...RUNNING, pages: {} }), unchanged],
    events: [stream([event('status', '1:', RUNNING)], { open: true })],
  })
  await until(() => live.connection === 'stream')
  timers.go(39_000)
  assert.equal(server.requests('events')[0].signal.aborted, false)
  timers.go(1_500)
  await until(() => live.connection === 'lost')
})

test('a server that is away is asked again, ever more slowly, and streams are not given up for it', async () => {
  const away = new Problem({ status: 0, code: 'no_answer' })
  const { live, server, timers } = followed({
    status: [known({ ...RUNNING, pages: {} }), away, away, away, away, unchanged],
    events: [stream([event('status', '1:', RUNNING)]), stream([event('status', '1:', RUNNING)], { open: true })],
  })
  const waits = []
  for (let turn = 1; turn <= 5; turn += 1) {
    const asked = () => server.requests('status').length
    await until(() => asked() === turn && live.connection === 'lost' && timers.waits.length === 1)
    waits.push(timers.waits[0])
    timers.go(timers.waits[0])
  }
  await until(() => live.connection === 'stream')
  assert.deepEqual(waits, [300, 700, 1500, 3000, 6000])
  assert.equal(server.requests('events').length, 2)
})

test('where no stream gets through, the record is waited for, and a stream tried again later', async () => {
  const held = stream([], { open: true })
  let tell
  const waiting = () => new Promise((done) => (tell = () => done(known(ENDED)())))
  const { live, server, timers } = followed({
    status: [known({ ...RUNNING, pages: {} }), unchanged, unchanged, waiting],
    events: [held],
  })
  for (const turn of [1, 2]) {
    await until(() => server.requests('events').length === turn && timers.waits.includes(10_000))
    timers.go(10_000)
    await until(() => live.connection === 'lost' && timers.waits.length === 1)
    timers.go(timers.waits[0])
  }
  await until(() => tell !== undefined || server.requests('status').length > 3)
  assert.match(server.requests('status').at(-1).path, /\?wait=20$/)
  await until(() => tell !== undefined)
  tell()
  await until(() => live.connection === 'ended')
  assert.equal(server.requests('events').length, 2)
})

test('a position that the server does not know is given up for the record', async () => {
  const refused = new Problem({ status: 400, code: 'option_invalid' })
  const { live, server } = followed({
    status: [known({ ...RUNNING, pages: {} }), known(ENDED)],
    events: [refused],
  })
  await until(() => live.connection === 'ended')
  assert.equal(server.requests('events').length, 1)
})

test('a job that is gone, and one that may not be seen', async () => {
  const gone = followed({ status: [new Problem({ status: 404, code: 'job_not_found' })], events: [] })
  await until(() => gone.live.connection === 'gone')
  assert.equal(gone.live.problem.code, 'job_not_found')
  const locked = followed({ status: [new Problem({ status: 401, code: 'unauthorized' })], events: [] })
  await until(() => locked.live.connection === 'refused')
  assert.equal(locked.server.asked.length, 1)
})

test('an order’s answer is shown at once, and the next run followed', async () => {
  const failed = { ...ENDED, status: 'partial', pages: { 1: { status: 'completed' }, 2: { status: 'failed' } } }
  const again = { ...RUNNING, run: 2, pages: { 1: { status: 'completed' }, 2: { status: 'pending' } } }
  const { live, server } = followed({
    status: [known(failed), known(again, '"2-1"')],
    events: [stream([event('status', '2:1', { ...again, pages: undefined })], { open: true })],
  })
  await until(() => live.connection === 'ended')
  live.learn(again)
  assert.equal(live.pages.state(2).status, 'pending')
  assert.equal(live.ended, false)
  await until(() => live.connection === 'stream')
  assert.equal(server.requests('events')[0].headers['Last-Event-ID'], '2:1')
})

test('while nobody looks on no connection is held, and the record is asked for now and then', async () => {
  const { live, server, timers } = followed({
    status: [known({ ...RUNNING, pages: {} }), unchanged, known({ ...RUNNING, percent: 60 }, '"1-5"'), unchanged],
    events: [stream([event('status', '1:', RUNNING), page(1, '1:1')], { open: true })],
  })
  await until(() => live.connection === 'stream' && live.pages.completed === 1)
  live.see(false)
  await until(() => server.requests('events')[0].signal.aborted && timers.waits.includes(10_000))
  timers.go(10_000)
  await until(() => live.record.percent === 60)
  assert.deepEqual(server.requests('status').filter(({ path }) => path.includes('wait')), [])
  live.see(true)
  await until(() => server.requests('events').length === 2)
  assert.equal(server.requests('events')[1].headers['Last-Event-ID'], '1:1')
})

test('once stopped nothing goes on', async () => {
  const { live, server, timers } = followed({
    status: [known({ ...RUNNING, pages: {} })],
    events: [stream([event('status', '1:', RUNNING)], { open: true })],
  })
  await until(() => live.connection === 'stream')
  live.stop()
  await until(() => server.requests('events')[0].signal.aborted)
  await new Promise((done) => setTimeout(done, 20))
  assert.deepEqual(timers.waits, [])
  assert.equal(server.asked.length, 2)
})

test('listeners hear of the first change at once, of those close together once', async () => {
  const pieces = [event('status', '1:', RUNNING)]
  for (let number = 1; number <= 200; number += 1) pieces.push(page(number, `1:1-${number}`))
  const { live, timers } = followed({
    status: [known({ ...RUNNING, file_info: { total_pages: 200 }, pages: {} })],
    events: [stream(pieces, { open: true })],
  })
  let told = 0
  live.subscribe(() => (told += 1))
  await until(() => live.pages.completed === 200)
  assert.ok(told <= 2, `told ${told} times`)
  timers.go(100)
  assert.ok(told >= 1)
})
