// The result as plain text, taken apart into its pages again.

/**
 * By page number; null where it can't be told which part is which page's.
 *
 * @param {string} text of the format txt: between two pages a line that begins with a form feed
 * @param {number[]} pages that were read or could not be read, in order: those are in it
 */
export function textsOfPages(text, pages) {
  const parts = text.split('\f\n')
  if (parts.length !== pages.length) return null
  return new Map(pages.map((page, index) => [page, parts[index]]))
}
