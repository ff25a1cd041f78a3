// Which rows of the list of pages are drawn, as the window is scrolled, and the scrolling itself.
//
// Rows lie at places that RowHeights works out. When a row turns out higher or lower than thought, the window is
// scrolled by as much, so that what is being looked at stays where it is: the page that was gone to, until somebody
// scrolls away from it, else the first one in view.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from '../html.js'
import { RowHeights } from '../row_heights.js'

const GAP = 8 // between what sticks to the top and a page that was gone to
const BESIDE = 0.6 // of the window's height, above and below it

/**
 * list, above: refs of the list's element, and of what sticks to the top of the window above it. kindOf: the kind of a
 * row. estimates: heights by kind, in pixels.
 *
 * @returns {object} first, last: the rows to draw, last exclusive. total: the list's height; top(row): a row's place in
 *   it. current: the row at the top of the window, or the one gone to. goTo(row). release(): what was gone to need not
 *   stay in its place. observe(element, row): it is there, until the function that this returns is called.
 */
export function usePageRows({ list, above, count, kindOf, estimates }) {
  const heights = useMemo(() => new RowHeights((row) => kindOf(row), estimates), [])
  heights.kindOf = kindOf
  heights.refresh(count)
  const [view, setView] = useState({ first: 0, last: 0, current: 0, total: 0 })
  const pinned = useRef(null)
  const tools = useMemo(() => rowTools(list, above, heights, pinned, setView), [])

  useLayoutEffect(() => tools.settle())
  useEffect(() => tools.listen(), [])
  return { ...view, ...tools, total: heights.total, top: (row) => heights.top(row) }
}

function rowTools(list, above, heights, pinned, setView) {
  const rows = new Map() // elements to rows
  let width = 0
  let placed = null // where the window was scrolled to from here
  let anchor = null // the row that stays where it is, its place in the list, and the list's in the document

  const observer = new ResizeObserver((entries) => {
    let changed = false
    for (const { target } of entries) changed = measured(target) || changed
    if (changed) settle()
  })

  function measured(element) {
    const row = rows.get(element)
    return row !== undefined && element.isConnected && heights.measure(row, element.offsetHeight)
  }

  function listTop() {
    return list.current.getBoundingClientRect().top
  }

  function headroom() {
    return above.current.offsetHeight + GAP
  }

  function look() {
    if (!list.current) return
    const top = -listTop()
    const row = pinned.current ?? heights.at(top + headroom() + 1)
    anchor = { row, top: heights.top(row), base: scrollY - top }
    const drawn = heights.window(top, top + innerHeight, innerHeight * BESIDE)
    const next = { ...drawn, current: row, total: heights.total }
    setView((before) => (same(before, next) ? before : next))
  }

  // Puts what is looked at back to its place after heights have changed, and draws what is in view then.
  function settle() {
    if (!list.current) return
    const off = pinned.current === null ? moved() : listTop() + heights.top(pinned.current) - headroom()
    const top = scrollY + off
    list.current.style.height = `${heights.total}px` // else there may be no room to scroll to
    if (Math.abs(off) >= 1) scrollTo({ top, behavior: 'instant' })
    placed = scrollY
    look()
  }

  // By how much the anchor's place has changed since it was looked at last; nothing while the list's head is in view.
  function moved() {
    if (!anchor || listTop() >= headroom()) return 0
    return heights.top(anchor.row) - anchor.top + (scrollY + listTop() - anchor.base)
  }

  function goTo(row) {
    pinned.current = row
    settle()
  }

  function release() {
    pinned.current = null
    look()
  }

  function observe(element, row) {
    rows.set(element, row)
    observer.observe(element)
    return () => {
      observer.unobserve(element)
      rows.delete(element)
    }
  }

  function listen() {
    let asked = 0
    const scrolled = () => {
      if (asked) return
      asked = requestAnimationFrame(() => {
        asked = 0
        if (placed !== null && Math.abs(scrollY - placed) > 2) pinned.current = null
        look()
      })
    }
    const resized = () => {
      if (list.current && list.current.offsetWidth !== width) {
        width = list.current.offsetWidth
        heights.forget()
        for (const element of rows.keys()) measured(element)
      }
      settle()
    }
    width = list.current.offsetWidth
    addEventListener('scroll', scrolled, { passive: true })
    addEventListener('resize', resized)
    return () => {
      cancelAnimationFrame(asked)
      observer.disconnect()
      removeEventListener('scroll', scrolled)
      removeEventListener('resize', resized)
    }
  }

  return { settle, goTo, release, observe, listen }
}

function same(a, b) {
  return a.first === b.first && a.last === b.last && a.current === b.current && a.total === b.total
}
