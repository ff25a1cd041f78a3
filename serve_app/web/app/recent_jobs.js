// The list of recent jobs: what the server lists, and until it answers what it listed last, kept on this device, or
// where the key is kept for the tab alone, for as long as that: whoever opens the page next shall see no names.
//
// While somebody looks on, the newest page of the list is asked for again: often while a job is under way, seldom
// otherwise, never while the tab is hidden. Event: `change`.

import { mergeJobs, summaryOf, unfinished } from './job_summary.js'

const NAME = 'gnosis-ocr.recent'
const KEPT = 100
const LISTED = 50
const BUSY_MS = 2000
const IDLE_MS = 20000

export class RecentJobs extends EventTarget {
  #api
  #keys
  #session
  #lasting
  #timer = null
  #watchers = 0
  #token = null
  #asked = false
  #deleted = new Set() // a list that was asked for before still has them
  #key

  /** session, lasting: as for the key. */
  constructor({ api, keys, session, lasting }) {
    super()
    this.#api = api
    this.#keys = keys
    this.#session = session
    this.#lasting = lasting
    this.jobs = this.#kept()
    this.deleting = new Set()
    this.problem = null
    this.loaded = false
    this.#key = keys.current
    keys.addEventListener('change', () => this.#keyChanged())
    api.addEventListener('unreachable', () => this.#again(BUSY_MS)) // to see when it answers again
    globalThis.document?.addEventListener('visibilitychange', () => this.#again(0))
  }

  /** Whether the server has more than are shown. */
  get hasMore() {
    return this.#token !== null
  }

  /** From now on the list is kept fresh, until the function that this returns is called. */
  watch() {
    this.#watchers += 1
    this.#again(0)
    return () => {
      this.#watchers -= 1
      if (this.#watchers === 0) clearTimeout(this.#timer)
    }
  }

  /** A job that was accepted just now; record: of the API. */
  add(record) {
    this.#set(mergeJobs(this.jobs, [summaryOf(record)], { from: null, whole: false }))
    this.#again(BUSY_MS)
  }

  /** Asks the server for older ones. */
  async more() {
    const token = this.#token
    if (token === null) return
    const key = this.#key
    const { jobs, next } = await this.#list(token)
    if (key !== this.#key) return
    this.#token = next
    this.#set(mergeJobs(this.jobs, jobs, { from: null, whole: false }))
  }

  /** Throws a Problem where the server does not. `deleting` has the ids of jobs that are being deleted. */
  async delete(jobId) {
    this.deleting.add(jobId)
    this.#changed()
    try {
      await this.#api.delete(`/api/jobs/${jobId}`)
      this.#deleted.add(jobId)
      this.#set(this.jobs)
    } finally {
      this.deleting.delete(jobId)
      this.#changed()
    }
  }

  /** Throws a Problem where the server does not. */
  async cancel(jobId) {
    const answer = await this.#api.post(`/api/jobs/${jobId}/cancel`)
    this.add(await answer.json())
  }

  async #refresh() {
    if (this.#asked || this.#watchers === 0 || globalThis.document?.hidden) return
    this.#asked = true
    const newest = this.jobs[0]?.job_id ?? ''
    const key = this.#key
    try {
      const listed = await this.#list(null)
      if (key === this.#key) this.#heard(listed, newest) // else it is somebody else's list
    } catch (problem) {
      if (key === this.#key) this.problem = problem
      this.#changed()
    }
    this.#asked = false
    if (key !== this.#key) this.#again(0)
    else this.#again(this.jobs.some(unfinished) || passes(this.problem) ? BUSY_MS : IDLE_MS)
  }

  #heard({ jobs, next }, newest) {
    const known = new Set(this.jobs.map((job) => job.job_id))
    const gap = jobs.length > 0 && !jobs.some((job) => known.has(job.job_id)) // so many are new that some lie between
    if (!this.loaded || gap) this.#token = next
    this.problem = null
    this.loaded = true
    this.#set(mergeJobs(this.jobs, jobs, { from: newest, whole: next === null }))
  }

  async #list(token) {
    const after = token === null ? '' : `&page_token=${encodeURIComponent(token)}`
    const told = await this.#api.json(`/api/jobs?limit=${LISTED}${after}`, { attempts: 1 })
    return { jobs: told.jobs.map(summaryOf), next: told.next_page_token }
  }

  #again(ms) {
    clearTimeout(this.#timer)
    if (this.#watchers === 0) return
    this.#timer = setTimeout(() => this.#refresh(), ms)
  }

  #keyChanged() {
    if (this.#keys.current === this.#key) return
    this.#key = this.#keys.current
    this.loaded = false
    this.problem = null
    this.#token = null
    this.#set([])
    this.#again(0)
  }

  #set(jobs) {
    this.jobs = jobs.filter((job) => !this.#deleted.has(job.job_id))
    this.#keep()
    this.#changed()
  }

  #kept() {
    try {
      const kept = JSON.parse((this.#keys.lasts ? this.#lasting : this.#session)?.getItem(NAME) ?? '[]')
      return Array.isArray(kept) ? kept.filter((job) => typeof job?.job_id === 'string') : []
    } catch {
      return []
    }
  }

  #keep() {
    const told = JSON.stringify(this.jobs.slice(0, KEPT))
    const { lasts } = this.#keys
    try {
      this.#lasting?.setItem(NAME, lasts ? told : '[]')
      this.#session?.setItem(NAME, lasts ? '[]' : told)
    } catch {
      // Storage is full: the list comes from the server after a reload.
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'))
  }
}

/** Whether it is worth while to ask again soon. */
function passes(problem) {
  return problem !== null && (problem.status === 0 || problem.status >= 500)
}
