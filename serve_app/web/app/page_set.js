// Sets of pages as people and the API write them: `1-3,7`.

// The page numbers in rising order, none above `most`; null where the text is no set of pages.
export function parsePages(text, most = Infinity) {
  const numbers = []
  let end = 0
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*$/.exec(part)
    if (!match) return null
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (first <= end || last < first) return null
    for (let page = first; page <= Math.min(last, most); page += 1) numbers.push(page)
    end = last
  }
  return numbers
}

// numbers: in rising order.
export function spellPages(numbers) {
  const spans = []
  for (const page of numbers) {
    const span = spans.at(-1)
    if (span && span[1] === page - 1) span[1] = page
    else spans.push([page, page])
  }
  return spans.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')
}
