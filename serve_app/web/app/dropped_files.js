// The documents in what was dropped or chosen: `{file, name}` each. Folders are walked to their ends.

/**
 * To be called while the drop event is handled: what it carries is gone afterwards.
 *
 * @param {DataTransfer} transfer
 * @returns {Promise<{file: File|null, name: string}[]>} in the order of their paths; hidden files are left out. Without
 *   a file: one, or a folder, that the browser can't read, which is no reason to lose the others.
 */
export function documentsIn(transfer) {
  const items = [...(transfer.items ?? [])].filter((item) => item.kind === 'file')
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null)
  if (entries.length === 0 || entries.includes(null)) return Promise.resolve([...transfer.files].map(documentOf))
  return walked(entries)
}

/** Those that are chosen by `<input webkitdirectory>` or as files; hidden ones are left out. */
export function chosenDocuments(files) {
  return inOrder([...files].filter((file) => !isHidden(file.webkitRelativePath || file.name))).map(documentOf)
}

export function documentOf(file) {
  return { file, name: file.name }
}

async function walked(entries) {
  const found = []
  const ahead = [...entries]
  while (ahead.length > 0) {
    const entry = ahead.shift()
    if (entry.name.startsWith('.')) continue
    const children = entry.isDirectory ? await childrenOf(entry) : null
    if (children !== null) ahead.push(...children)
    else found.push({ path: entry.fullPath, name: entry.name, file: await fileOf(entry) })
  }
  return found.sort((one, other) => byName(one.path, other.path)).map(({ file, name }) => ({ file, name }))
}

/** null where it can't be read. A reader gives some of a folder's entries at a time, and none at the end. */
async function childrenOf(folder) {
  const reader = folder.createReader()
  const children = []
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve(null)))
    if (some === null) return null
    if (some.length === 0) return children
    children.push(...some)
  }
}

/** null where it can't be read, as a folder that can't. */
async function fileOf(entry) {
  if (entry.isDirectory) return null
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)))
}

function inOrder(files) {
  const pathOf = (file) => file.webkitRelativePath || file.name
  return files.sort((one, other) => byName(pathOf(one), pathOf(other)))
}

function isHidden(path) {
  return path.split('/').some((part) => part.startsWith('.'))
}

/** As people count: `page 2` before `page 10`. */
function byName(one, other) {
  return one.localeCompare(other, undefined, { numeric: true })
}
