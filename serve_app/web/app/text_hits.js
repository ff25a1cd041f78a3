// Marks what was found in the pages that are drawn, without touching their nodes (CSS Custom Highlight API). Browsers
// without it show no marks and find all the same.

import { patternOf } from './text_search.js'

const usable = typeof Highlight !== 'undefined' && globalThis.CSS?.highlights !== undefined
const marks = usable ? { every: new Highlight(), one: new Highlight() } : null
if (usable) {
  CSS.highlights.set('found', marks.every)
  CSS.highlights.set('found-one', marks.one)
}
let broughtIntoView = null

/**
 * chosen: {index} of the hit to be looked at on this page, or null. brought: called before it is brought into view.
 * Returns what takes the marks away again.
 */
export function markHits(root, query, chosen, brought) {
  const pattern = patternOf(query ?? '')
  if (!pattern) return undefined
  const ranges = [...root.querySelectorAll('[data-part]')].flatMap((part) => rangesIn(part, pattern))
  const one = chosen && ranges.length ? ranges[Math.min(chosen.index, ranges.length - 1)] : null
  if (one && broughtIntoView !== chosen) {
    broughtIntoView = chosen
    brought()
    bringIntoView(one)
  }
  if (!usable) return undefined
  for (const range of ranges) marks.every.add(range)
  if (one) marks.one.add(one)
  return () => {
    for (const range of ranges) marks.every.delete(range)
    if (one) marks.one.delete(one)
  }
}

// Hits may go over several text nodes, as from one line of a paragraph to the next.
function rangesIn(part, pattern) {
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT)
  const nodes = []
  let text = ''
  while (walker.nextNode()) {
    nodes.push({ node: walker.currentNode, from: text.length })
    text += walker.currentNode.data
  }
  return [...text.matchAll(pattern)].filter((match) => match[0]).map((match) => {
    const range = document.createRange()
    range.setStart(...pointAt(nodes, match.index, false))
    range.setEnd(...pointAt(nodes, match.index + match[0].length, true))
    return range
  })
}

function pointAt(nodes, offset, end) {
  const held = nodes.findLast(({ from }) => (end ? from < offset : from <= offset)) ?? nodes[0]
  return [held.node, offset - held.from]
}

function bringIntoView(range) {
  const { top, bottom } = range.getBoundingClientRect()
  const middle = innerHeight / 2
  if (top < innerHeight * 0.2 || bottom > innerHeight * 0.85) scrollBy({ top: top - middle, behavior: 'instant' })
}
