// The API as the page uses it: what is asked again and what is not, with which key, and what is told of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Api, Problem } from '../../serve_app/web/app/api.js'
import { KeyRing } from '../../serve_app/web/app/key.js'

function problem(status, code, headers = {}) {
  return new Response(JSON.stringify({ status, code, detail: `about ${code}`, request_id: 'r-1' }), { status, headers })
}

/** answers: what the server gives, one after the other; a function throws or looks at the request. */
function server(answers, { key = null } = {}) {
  const asked = []
  const waited = []
  const keys = new KeyRing({ session: null, lasting: null })
  if (key !== null) keys.give(key)
  const api = new Api({
    base: 'http://host/ocr/#/jobs/1',
    keys,
    fetch: async (url, request) => {
      asked.push({ url, ...request })
      const answer = answers[asked.length - 1]
      return typeof answer === 'function' ? answer(request) : answer
    },
    wait: async (ms) => waited.push(ms),
  })
  return { api, asked, waited, keys }
}

const unreachable = () => {
  throw new TypeError('fetch failed')
}

test('paths are below the page, and the key goes along', async () => {
  const { api, asked } = server([Response.json({ jobs: [] })], { key: 'k' })
  assert.deepEqual(await api.json('/api/jobs?limit=2'), { jobs: [] })
  assert.equal(asked[0].url, 'http://host/ocr/api/jobs?limit=2')
  assert.equal(asked[0].headers.Authorization, 'Bearer k')
})

test('a refusal is a problem with all that was told', async () => {
  const { api } = server([problem(404, 'job_not_found')])
  await assert.rejects(api.get('/api/jobs/1'), (error) => {
    assert.ok(error instanceof Problem)
    assert.deepEqual(
      [error.status, error.code, error.detail, error.requestId, error.retryAfter],
      [404, 'job_not_found', 'about job_not_found', 'r-1', null],
    )
    return true
  })
})

test('an answer that is no problem+json is told by its status', async () => {
  const { api } = server([new Response('<h1>oh</h1>', { status: 500 })])
  await assert.rejects(api.get('/api/info'), { code: 'http_500', status: 500 })
})

test('304 is an answer', async () => {
  const { api } = server([new Response(null, { status: 304 })])
  assert.equal((await api.get('/api/jobs/1/status', { headers: { 'If-None-Match': '"1-1"' } })).status, 304)
})

test('what does no harm is asked again, with growing waits, or when the server says', async () => {
  const { api, asked, waited } = server([
    unreachable,
    problem(503, 'overloaded', { 'Retry-After': '7' }),
    new Response('', { status: 502 }),
    Response.json(1),
  ])
  assert.equal(await api.json('/api/info'), 1)
  assert.deepEqual(waited, [500, 7000, 2000])
  assert.equal(asked.length, 4)
})

test('it is asked four times, or as often as is said', async () => {
  const many = server(Array(9).fill(unreachable))
  await assert.rejects(many.api.get('/api/info'), { code: 'no_answer', status: 0 })
  assert.equal(many.asked.length, 4)
  const once = server([unreachable])
  await assert.rejects(once.api.get('/api/info', { attempts: 1 }), { code: 'no_answer' })
})

test('nobody waits for hours', async () => {
  const { api, asked } = server([problem(429, 'quota_exceeded', { 'Retry-After': '40000' })])
  await assert.rejects(api.get('/api/jobs'), { code: 'quota_exceeded', retryAfter: 40000 })
  assert.equal(asked.length, 1)
})

test('an order is asked again only under an idempotency key, or where it was not looked at', async () => {
  const order = server([unreachable])
  await assert.rejects(order.api.post('/api/jobs/1/cancel'), { code: 'no_answer' })

  const keyed = server([unreachable, Response.json({ job_id: '1' }, { status: 202 })])
  await keyed.api.post('/api/jobs', { source: {} }, { idempotencyKey: 'mine' })
  assert.deepEqual(keyed.asked.map(({ headers }) => headers['Idempotency-Key']), ['mine', 'mine'])
  assert.equal(keyed.asked[1].headers['Content-Type'], 'application/json')
  assert.equal(keyed.asked[1].body, '{"source":{}}')

  const limited = server([problem(429, 'rate_limited', { 'Retry-After': '1' }), Response.json({})])
  await limited.api.post('/api/jobs/1/cancel')
  assert.deepEqual(limited.waited, [1000])
})

test('what is gone is as good as deleted', async () => {
  assert.equal(await server([problem(404, 'job_not_found')]).api.delete('/api/jobs/1'), null)
  await assert.rejects(server([problem(500, 'internal_error')]).api.delete('/api/jobs/1'), { code: 'internal_error' })
})

test('an expired key is asked for once by all, and the requests go on with the new one', async () => {
  const isNew = (request) => request.headers.Authorization === 'Bearer new'
  const byKey = (request) => (isNew(request) ? Response.json(1) : problem(401, 'unauthorized'))
  const { api, asked, keys } = server(Array(4).fill(byKey), { key: 'old' })
  let prompts = 0
  keys.addEventListener('change', () => {
    if (keys.asking === null) return
    prompts += 1
    assert.ok(keys.asking.refused)
    if (prompts === 2) keys.give('new')
  })
  assert.deepEqual(await Promise.all([api.json('/api/info'), api.json('/api/jobs')]), [1, 1])
  assert.equal(asked.length, 4)
})

test('who gives no key gets the refusal, and is not asked again by itself', async () => {
  const { api, keys } = server(Array(3).fill(() => problem(401, 'unauthorized')))
  keys.addEventListener('change', () => keys.asking && keys.dismiss())
  await assert.rejects(api.get('/api/info'), { code: 'unauthorized' })
  await assert.rejects(api.get('/api/info'), { code: 'unauthorized' })
  assert.ok(keys.dismissed)
})

test('a key given meanwhile is taken without a question', async () => {
  const { api, keys } = server([
    () => {
      keys.give('new')
      return problem(401, 'unauthorized')
    },
    (request) => Response.json(request.headers.Authorization),
  ], { key: 'old' })
  assert.equal(await api.json('/api/info'), 'Bearer new')
})

test('who leaves is heard at once', async () => {
  const left = new AbortController()
  const { api } = server([
    () => {
      left.abort()
      throw left.signal.reason
    },
  ])
  await assert.rejects(api.get('/api/info', { signal: left.signal }), { name: 'AbortError' })
})

test('whether anybody answers is told', async () => {
  const { api } = server([unreachable, new Response('', { status: 502 }), problem(404, 'not_found')])
  const told = []
  for (const type of ['unreachable', 'answered']) api.addEventListener(type, () => told.push(type))
  await assert.rejects(api.get('/api/info'))
  assert.deepEqual(told, ['unreachable', 'unreachable', 'answered'])
})

/** It never answers, until it is left. */
const silent = ({ signal }) => new Promise((_, reject) => {
  signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
})

test('a question to which no answer begins counts as not answered, an order is waited for', async () => {
  const { api, asked } = server([silent, silent, silent])
  await assert.rejects(api.get('/api/info', { attempts: 1, patience: 5 }), { code: 'no_answer' })
  const seen = new AbortController()
  await assert.rejects(api.get('/api/info', { attempts: 1, patience: 5, signal: seen.signal }), { code: 'no_answer' })
  const order = api.post('/api/jobs/1/cancel', undefined, { patience: 5, signal: seen.signal })
  const first = await Promise.race([order, new Promise((done) => setTimeout(done, 30, 'waiting'))])
  assert.equal(first, 'waiting')
  seen.abort()
  await assert.rejects(order, { name: 'AbortError' })
  assert.equal(asked.length, 3)
})

test('an answer that has begun may take as long as it likes', async () => {
  const slowly = ({ signal }) => new Response(new ReadableStream({
    start(body) {
      signal.addEventListener('abort', () => body.error(signal.reason), { once: true })
      setTimeout(() => body.enqueue(new TextEncoder().encode('all of it')), 40)
      setTimeout(() => body.close(), 41)
    },
  }))
  const { api } = server([slowly])
  assert.equal(await (await api.get('/api/jobs/1/result', { patience: 10 })).text(), 'all of it')
})
