// Where in the page we are, told by the part of the address behind `#`.

/**
 * `#/` home, `#/jobs/<id>` and `#/jobs/<id>/pages/<n>` a job, `#/cluster` the cluster; anything else is unknown.
 *
 * @param {string} hash as location.hash has it
 * @returns {{name: 'home'|'job'|'cluster'|'unknown', id?: string, page?: number}}
 */
export function parseRoute(hash) {
  const parts = hash.replace(/^#?\/?/, '').split('/').filter(Boolean)
  if (parts.length === 0) return { name: 'home' }
  if (parts.length === 1 && parts[0] === 'cluster') return { name: 'cluster' }
  if (parts[0] !== 'jobs' || !/^[0-9A-Za-z-]{1,64}$/.test(parts[1] ?? '')) return { name: 'unknown' }
  if (parts.length === 2) return { name: 'job', id: parts[1] }
  if (parts.length === 4 && parts[2] === 'pages' && /^[1-9][0-9]{0,6}$/.test(parts[3])) {
    return { name: 'job', id: parts[1], page: Number(parts[3]) }
  }
  return { name: 'unknown' }
}

/** The address of a job, or of one of its pages, to be put into `href` or given to `go`. */
export function jobHash(id, page) {
  return page === undefined ? `#/jobs/${id}` : `#/jobs/${id}/pages/${page}`
}
