// A page's result as parts to show: blocks in reading order whose pieces of text know where on the page they stand.
//
// A place is what is drawn over the page image: {corners} in points, eight numbers. A paragraph's text is joined from
// its lines, hyphens at line ends gone, so each line's share of it is found again by walking along both.

// {places: [{corners}], parts: [{kind, level, pieces: [{text, place}], rows}]}. rows: of a table, lists of cells
// {text, place, rowSpan, columnSpan}. place: an index, or null where it is not known.
export function pageParts(result) {
  const places = (result.lines ?? []).map((line) => ({ corners: line.quad ?? corners(line.bbox) }))
  const parts = result.blocks?.length
    ? result.blocks.map((block) => partOf(block, result.lines, places))
    : result.lines.map((line, index) => ({ kind: 'line', level: 0, pieces: [{ text: line.text, place: index }] }))
  return { places, parts }
}

export function corners([x0, y0, x1, y1]) {
  return [x0, y0, x1, y0, x1, y1, x0, y1]
}

function partOf(block, lines, places) {
  const part = { kind: block.kind, level: block.level, pieces: [] }
  if (block.kind === 'table' && block.cells.length) return { ...part, rows: tableRows(block, lines, places) }
  const of = block.lines.map((place) => ({ text: lines[place]?.text ?? '', place }))
  return { ...part, pieces: pieces(block.text, of) }
}

// The text cut into the shares of its lines, in order; together they are the text. Whatever can't be told apart goes
// with the line before it.
export function pieces(text, lines) {
  const found = []
  let from = 0
  for (const line of lines) {
    const end = endOfLine(text, from, line.text)
    if (end <= from) continue
    found.push({ text: text.slice(from, end), place: line.place })
    from = end
  }
  const rest = text.slice(from)
  if (rest && found.length) found.at(-1).text += rest
  else if (rest) found.push({ text: rest, place: lines[0]?.place ?? null })
  return found
}

// How far the line reaches in the text: letters are compared, white space and hyphens are passed over on both sides.
function endOfLine(text, from, line) {
  const wanted = [...line].filter((character) => !PASSED.test(character))
  let at = from
  let matched = 0
  for (const character of wanted) {
    let next = at
    while (next < text.length && PASSED.test(text[next])) next += 1
    if (text.startsWith(character, next)) {
      at = next + character.length
      matched += 1
    }
  }
  if (matched * 2 < wanted.length) return from
  while (at < text.length && PASSED.test(text[at])) at += 1
  return at
}

const PASSED = /[\s\-\u00ad\u2010]/

function tableRows(block, lines, places) {
  const rows = []
  for (const cell of block.cells) {
    const inside = block.lines.filter((place) => lines[place] && centreWithin(lines[place].bbox, cell.bbox))
    let place = inside.length === 1 ? inside[0] : null
    if (inside.length !== 1 && cell.text) {
      places.push({ corners: corners(cell.bbox) })
      place = places.length - 1
    }
    const shown = { text: cell.text, place, rowSpan: cell.row_span, columnSpan: cell.column_span }
    rows[cell.row] ??= []
    rows[cell.row].push({ ...shown, column: cell.column })
  }
  return Array.from(rows, (row) => (row ?? []).sort((a, b) => a.column - b.column))
}

function centreWithin([x0, y0, x1, y1], box) {
  const x = (x0 + x1) / 2
  const y = (y0 + y1) / 2
  return box[0] <= x && x <= box[2] && box[1] <= y && y <= box[3]
}
