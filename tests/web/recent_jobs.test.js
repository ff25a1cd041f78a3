// The list of recent jobs over an API that the test plays: kept over a reload, kept apart by key, deleted, gone on with.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyRing } from '../../serve_app/web/app/key.js'
import { Problem } from '../../serve_app/web/app/problem.js'
import { RecentJobs } from '../../serve_app/web/app/recent_jobs.js'

const record = (id) => ({ job_id: id, status: 'completed', file_info: { filename: `${id}.pdf`, total_pages: 1 } })

function kept() {
  const held = new Map()
  return { getItem: (name) => held.get(name) ?? null, setItem: (name, value) => held.set(name, value) }
}

/** answers: what the list is, one after the other: `{jobs, next_page_token}`, or a Problem. */
function bench(answers, { storage = kept(), session = kept(), keys = new KeyRing({}) } = {}) {
  const asked = []
  const deleted = []
  const api = Object.assign(new EventTarget(), {
    json: async (path) => {
      asked.push(path)
      const answer = answers.shift() ?? { jobs: [], next_page_token: null }
      if (answer instanceof Error) throw answer
      return answer
    },
    delete: async (path) => deleted.push(path),
  })
  const recent = new RecentJobs({ api, keys, session, lasting: storage })
  return { recent, asked, deleted, keys, storage, session }
}

function changed(recent, condition) {
  return new Promise((resolve) => {
    const look = () => condition() && resolve()
    recent.addEventListener('change', look)
    look()
  })
}

const ids = (recent) => recent.jobs.map(({ job_id }) => job_id).join('')

test('the list comes from the server, and is there at once after a reload', async () => {
  const { recent, storage } = bench([{ jobs: [record('b'), record('a')], next_page_token: null }])
  const leave = recent.watch()
  await changed(recent, () => recent.loaded)
  leave()
  assert.equal(ids(recent), 'ba')
  const again = bench([], { storage }).recent
  assert.deepEqual([ids(again), again.jobs[0].filename, again.loaded], ['ba', 'b.pdf', false])
})

test('storage that holds rubbish is as good as empty', () => {
  for (const held of ['{', '7', '[1, null]']) {
    assert.deepEqual(bench([], { storage: { getItem: () => held, setItem() {} } }).recent.jobs, [])
  }
})

test('older ones come when asked for', async () => {
  const { recent, asked } = bench([
    { jobs: [record('d'), record('c')], next_page_token: 'a b' },
    { jobs: [record('b')], next_page_token: null },
  ])
  const leave = recent.watch()
  await changed(recent, () => recent.loaded)
  leave()
  assert.ok(recent.hasMore)
  await recent.more()
  assert.deepEqual([ids(recent), recent.hasMore], ['dcb', false])
  assert.match(asked[1], /page_token=a%20b/)
})

test('a problem is told, and what is known stays', async () => {
  const { recent } = bench([new Problem({ status: 400, code: 'option_invalid' })])
  recent.add(record('a'))
  const leave = recent.watch()
  await changed(recent, () => recent.problem !== null)
  leave()
  assert.deepEqual([recent.problem.code, ids(recent)], ['option_invalid', 'a'])
})

test('deleted it is gone, and says so meanwhile', async () => {
  const { recent, deleted } = bench([])
  recent.add(record('a'))
  recent.add(record('b'))
  const going = recent.delete('a')
  assert.ok(recent.deleting.has('a'))
  await going
  assert.deepEqual([ids(recent), deleted, recent.deleting.size], ['b', ['/api/jobs/a'], 0])
})

test('a list that was asked for before a deletion does not bring the job back', async () => {
  let answered
  const { recent, asked } = bench([new Promise((answer) => (answered = answer))])
  recent.add(record('a'))
  const leave = recent.watch()
  while (asked.length === 0) await new Promise(setImmediate)
  await recent.delete('a')
  answered({ jobs: [record('a')], next_page_token: null })
  await changed(recent, () => recent.loaded)
  leave()
  assert.equal(ids(recent), '')
})

test('another key has other jobs', () => {
  const { recent, keys } = bench([])
  recent.add(record('a'))
  keys.give('new')
  assert.equal(ids(recent), '')
})

test('who has seen the oldest one is offered no older ones, however often the newest are asked for', async () => {
  const newest = { jobs: [record('d'), record('c')], next_page_token: 't' }
  const { recent, asked } = bench([newest, { jobs: [record('b')], next_page_token: null }, newest])
  let leave = recent.watch()
  await changed(recent, () => recent.loaded)
  leave()
  await recent.more()
  leave = recent.watch()
  await changed(recent, () => asked.length === 3 && !recent.problem)
  await new Promise((done) => setTimeout(done, 5))
  leave()
  assert.deepEqual([ids(recent), recent.hasMore], ['dcb', false])
})

test('where more are new than are listed at a time, those between are offered', async () => {
  const { recent } = bench([
    { jobs: [record('a')], next_page_token: null },
    { jobs: [record('d'), record('c')], next_page_token: 't' },
  ])
  let leave = recent.watch()
  await changed(recent, () => recent.loaded)
  leave()
  assert.equal(recent.hasMore, false)
  leave = recent.watch()
  await changed(recent, () => ids(recent) === 'dca')
  leave()
  assert.equal(recent.hasMore, true)
})

test('a list that was asked for with another key is nobody\'s', async () => {
  let answer
  const late = new Promise((done) => (answer = done))
  const { recent, asked, keys, storage } = bench([late, { jobs: [record('n')], next_page_token: null }])
  const leave = recent.watch()
  await new Promise((done) => setTimeout(done, 5))
  keys.give('new')
  answer({ jobs: [record('z')], next_page_token: null })
  await changed(recent, () => recent.loaded)
  leave()
  assert.deepEqual([ids(recent), asked.length], ['n', 2])
  assert.doesNotMatch(storage.getItem('gnosis-ocr.recent'), /z/)
})

test('with a key for the tab alone the list is kept for the tab alone', () => {
  const { recent, keys, storage, session } = bench([])
  recent.add(record('open'))
  keys.give('of the tab')
  recent.add(record('mine'))
  assert.equal(ids(bench([], { storage }).recent), '')
  assert.equal(ids(bench([], { storage, session, keys }).recent), 'mine')
  keys.give('of the device', true)
  recent.add(record('later'))
  assert.equal(ids(bench([], { storage, keys }).recent), 'later')
})
