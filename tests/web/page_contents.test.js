// Results and images of pages: fetched a few at a time, kept for a while, given back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PageContents } from '../../serve_app/web/app/page_contents.js'
import { Turns } from '../../serve_app/web/app/turns.js'

function contents() {
  const asked = []
  const urls = {
    open: new Set(),
    made: 0,
    createObjectURL: () => {
      urls.made += 1
      urls.open.add(`blob:${urls.made}`)
      return `blob:${urls.made}`
    },
    revokeObjectURL: (url) => urls.open.delete(url),
  }
  const api = {
    get: async (path) => {
      asked.push(path)
      if (path.endsWith('/image')) return new Response('pixels')
      if (path.endsWith('/result?format=txt')) return new Response('one\n\f\n[page 2 could not be read]\n\f\n')
      if (path.endsWith('/text')) return new Response(`text of ${path}`)
      const page = Number(/pages\/(\d+)/.exec(path)[1])
      return Response.json(page === 9 ? { page, status: 'failed' } : { page, status: 'completed', text: 'x' })
    },
  }
  return { asked, urls, made: new PageContents(api, '/api/jobs/j', urls) }
}

test('what is at hand is not fetched again, but for pages that failed', async () => {
  const { asked, made } = contents()
  assert.equal((await made.result(3)).page, 3)
  await made.result(3)
  assert.deepEqual(asked, ['/api/jobs/j/pages/3/result'])
  assert.deepEqual([made.knows(3), made.knows(4)], [true, false])
  await made.result(9)
  await made.result(9)
  assert.equal(asked.length, 3)
  made.forget([3])
  await made.result(3)
  assert.equal(asked.length, 4)
})

test('two thousand images: most URLs are given back, in the end all', async () => {
  const { made, urls } = contents()
  for (let page = 1; page <= 2000; page += 1) await made.image(page)
  assert.equal(urls.made, 2000)
  assert.ok(urls.open.size <= 16, String(urls.open.size))
  assert.ok(urls.open.has(await made.image(2000)))
  made.clear()
  assert.equal(urls.open.size, 0)
})

test('the whole text is taken apart where it is clear which part is which page’s', async () => {
  const { made } = contents()
  const texts = await made.texts([1, 2, 5])
  assert.deepEqual([...texts.entries()], [[1, 'one\n'], [2, '[page 2 could not be read]\n'], [5, '']])
  assert.equal(await made.texts([1, 2]), null)
})

test('so many at once, the newest first; what nobody waits for any more is not begun', async () => {
  const turns = new Turns(1)
  const begun = []
  const end = []
  const work = (name) => () => {
    begun.push(name)
    return new Promise((done) => end.push(done))
  }
  const leaving = new AbortController()
  const first = turns.take(undefined, work('first'))
  const left = turns.take(leaving.signal, work('left'))
  const last = turns.take(undefined, work('last'))
  assert.deepEqual(begun, ['first'])
  leaving.abort()
  end.pop()()
  await first
  assert.deepEqual(begun, ['first', 'last'])
  end.pop()()
  await last
  await assert.rejects(left, { name: 'AbortError' })
  const again = turns.take(undefined, work('again'))
  assert.deepEqual(begun, ['first', 'last', 'again'])
  end.pop()()
  await again
})
