-- Pandoc filter: turns the cells of a notebook into calls of the functions in notebook.typ.

local cell_number = 0 -- counted from 1, for messages
local image_count = 0
local unrun_cells = 0
local title = nil
local heading_ids = {}

local function fail(message)
  io.stderr:write(string.format("cell %d: %s\n", cell_number, message))
  os.exit(1) -- error() would bury the message in a stack trace
end

local function quote(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("%s+", " ") .. '"'
end

local function typst(code)
  return pandoc.RawBlock("typst", code)
end

local function wrap(call, blocks)
  local wrapped = pandoc.Blocks({ typst("#" .. call .. "[") })
  wrapped:extend(blocks)
  wrapped:insert(typst("]"))
  return wrapped
end

-- Lines as a terminal leaves them, without colour codes and control characters, and the longest line's length.
local function plain_text(text)
  text = text:gsub("\27%[[%d;:?]*%a", ""):gsub("\27%].-[\7\27]\\?", "")
  -- A line written over itself; one that ends in \r waits for its successor, and stands until then.
  text = text:gsub("\r+\n", "\n"):gsub("\r+$", ""):gsub("[^\n]*\r", "")
  text = text:gsub("\t", "    "):gsub("[%z\1-\9\11-\31]", ""):gsub("%s+$", "")
  local longest = 0
  for line in text:gmatch("[^\n]+") do longest = math.max(longest, utf8.len(line) or #line) end
  return text, longest
end

-- Whether a file lies in a folder, by the two paths.
local function lies_in(folder, path)
  return pandoc.path.normalize(path):sub(1, #folder + 1) == folder .. "/"
end

-- A path without its ".." and "."; a notebook of somebody else's must not show what lies elsewhere.
local function plain_path(path)
  local parts = {}
  for part in path:gmatch("[^/]+") do
    if part == ".." then table.remove(parts) elseif part ~= "." then table.insert(parts, part) end
  end
  return "/" .. table.concat(parts, "/")
end

local home, folder -- of the notebook

-- An address as a person reads it: "my%20picture.png" is a file's "my picture.png".
local function readable(address)
  return (address:gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

local function refuse_outside(source)
  if source:match("^data:") or pandoc.mediabag.lookup(source) then return end
  local path = readable(source:gsub("^file://", ""))
  if not path:match("^/") then path = folder .. "/" .. path end
  if not lies_in(home, plain_path(path)) then
    fail("the image " .. source .. " lies outside of " .. home .. ": copy it beside the notebook")
  end
end

-- Copies an image beside the typst file under a plain name; a notebook that shows an image which
-- is not there must not become a PDF that lacks it.
local function stored_image(source)
  if source:match("^https?:") then
    fail("the image " .. source .. " is on the network: save it beside the notebook")
  end
  refuse_outside(source)
  local found, mime, data = pcall(pandoc.mediabag.fetch, source)
  if not found or not data then
    fail("the image " .. readable(source) .. " was not found beside the notebook")
  end
  local kind = (mime or ""):match("svg") or (mime or ""):match("^image/(%w+)")
  if not kind then
    fail("the file " .. source .. " is no image (" .. tostring(mime) .. ")")
  end
  image_count = image_count + 1
  local name = string.format("image-%d.%s", image_count, kind)
  pandoc.mediabag.insert(name, mime, data)
  return name
end

-- A width in CSS pixels ("300" or "300px") or in percent, as notebooks write it; else nil.
local function css_width(width)
  local number, unit = (width or ""):match("^%s*([%d.]+)%s*(%D*)$")
  if not number then return "auto" end
  if unit == "%" then return number .. "%" end
  return tostring(tonumber(number) * 0.75) .. "pt"
end

local function image_call(name, image)
  local words = plain_text(image.attributes.alt or pandoc.utils.stringify(image.caption))
  return string.format("#%s(%s, width: %s, alt: %s)", name, quote(stored_image(image.src)),
    css_width(image.attributes.width), words == "" and "none" or quote(words))
end

local function without_scripts(html)
  return (html:gsub("<script.->.-</script>", ""):gsub("<style.->.-</style>", ""))
end

-- HTML's text and tables, without scripts; dollars hold formulas, as in JupyterLab.
local function read_html(html)
  html = without_scripts(html):gsub("<(/?)textarea", "<%1pre") -- whose text pandoc would drop
  return pandoc.read(html, "html+tex_math_dollars").blocks
end

-- HTML inside Markdown. Markdown goes on inside <details> and <div>, but not inside tables, lists and
-- headings written as HTML.
local function read_html_in_markdown(html)
  if html:match("<table") or html:match("<[ou]l") or html:match("<h%d") then return read_html(html) end
  local blocks = pandoc.read(without_scripts(html), "markdown+markdown_in_html_blocks-citations").blocks
  -- What stays HTML holds no Markdown: <pre> and <textarea>, or tags alone.
  return blocks:walk({
    RawBlock = function(raw)
      if raw.format == "html" then return read_html(raw.text) end
    end,
  })
end

-- TeX outside dollars: an environment such as align, or an output of type text/latex.
local function formula(tex)
  tex = tex:gsub("^%s*%$+", ""):gsub("%$+%s*$", "")
  return pandoc.Math("DisplayMath", tex)
end

-- Pandoc takes whatever a backslash begins for TeX; JupyterLab nothing but environments. Elsewhere a
-- backslash is a sign of the text, as in C:\Users.
local function is_environment(tex)
  return tex:match("^%s*\\begin%s*{[^}]+}") ~= nil
end

local inline_filter = {
  RawInline = function(raw)
    if raw.format == "html" then
      if raw.text:match("^<br") then return pandoc.LineBreak() end
      if raw.text:match("^<img") then
        return pandoc.utils.blocks_to_inlines(pandoc.read(raw.text, "html").blocks)
      end
      return {}
    end
    if raw.format == "tex" then
      return is_environment(raw.text) and formula(raw.text) or pandoc.Str(raw.text)
    end
  end,
}

-- Jupyter's anchors and pandoc's differ in capitals and hyphens.
local function anchor_key(identifier)
  return (identifier:lower():gsub("[%s%p]", ""))
end

local block_filter
block_filter = {
  RawBlock = function(raw)
    if raw.format == "html" then return read_html_in_markdown(raw.text):walk(block_filter) end
    if raw.format == "markdown" then
      local blocks = pandoc.read(raw.text, "markdown-citations").blocks
      return blocks:walk({ RawBlock = block_filter.RawBlock }) -- tables keep their columns' widths
    end
    if raw.format == "latex" or (raw.format == "tex" and is_environment(raw.text)) then
      return pandoc.Para({ formula(raw.text) })
    end
    if raw.format == "tex" then return pandoc.Para({ pandoc.Str(raw.text) }) end
  end,
  CodeBlock = function(code)
    return wrap("listing", { code })
  end,
  Header = function(header)
    if not title then
      title = header.content
      return {}
    end
    local anchor = anchor_key(header.identifier)
    if heading_ids[anchor] then header.identifier = "" else heading_ids[anchor] = header.identifier end
    return header
  end,
  Table = function(table)
    table.colspecs = table.colspecs:map(function(column)
      return { column[1] == "AlignDefault" and "AlignLeft" or column[1], nil }
    end)
    return table
  end,
}

-- Links within the notebook, once all headings are known.
local link_filter = {
  Link = function(link)
    local anchor = link.target:match("^#(.*)")
    if not anchor then return end
    local identifier = heading_ids[anchor_key(anchor)]
    if not identifier then return link.content end
    link.target = "#" .. identifier
    return link
  end,
}

local function lone_picture(block)
  local image = block.content[1]
  if #block.content == 1 and image.t == "Image" then return typst(image_call("picture", image)) end
end

local function small_picture(image)
  return pandoc.RawInline("typst", image_call("small-picture", image))
end

local function content(blocks)
  return blocks:walk(block_filter):walk(inline_filter)
    :walk({ Para = lone_picture, Plain = lone_picture }):walk({ Image = small_picture })
end

local function is_empty(blocks)
  local empty = true
  local function found() empty = false end
  blocks:walk({ Str = found, Code = found, Math = found, HorizontalRule = found,
    RawInline = found, RawBlock = found })
  return empty
end

local function output(div)
  local kind = "result"
  if div.classes:includes("error") then kind = "error" end
  if div.classes:includes("stderr") then kind = "stderr" end
  local block = div.content[1]
  if not block then return {} end
  if block.t == "CodeBlock" then
    local text, longest = plain_text(block.text)
    if text == "" then return {} end
    local call = string.format("output(kind: %q, columns: %d)", kind, longest)
    return wrap(call, { pandoc.CodeBlock(text) })
  end
  local is_html = block.t == "RawBlock" and block.format == "html"
  local blocks = content(is_html and read_html(block.text) or div.content)
  if is_empty(blocks) then fail("the PDF cannot show an HTML output without text: add image/svg+xml") end
  return wrap(string.format("output(kind: %q)", kind), blocks)
end

-- Joins what a cell printed in several messages, so that it reads as it was printed.
local function joined_streams(blocks)
  local joined = pandoc.Blocks({})
  for _, block in ipairs(blocks) do
    local last = joined[#joined]
    if block.t == "Div" and block.classes[2] == "stream" and last and last.classes == block.classes then
      local before, after = last.content[1], block.content[1]
      last.content = { pandoc.CodeBlock(before.text .. after.text) }
    else
      joined:insert(block)
    end
  end
  return joined
end

local function code_cell(div)
  local blocks = pandoc.Blocks({})
  for _, block in ipairs(joined_streams(div.content)) do
    if block.t == "Div" then
      blocks:extend(output(block))
    elseif block.text:match("%S") then
      local count = div.attributes.execution_count
      if not count then unrun_cells = unrun_cells + 1 end
      block.text = plain_text(block.text)
      blocks:extend(wrap(string.format("code-cell(%s)", count or "none"), { block }))
    end
  end
  return blocks
end

local function markdown_cell(div)
  local blocks = content(div.content)
  local nbgrader = pandoc.json.decode(div.attributes.nbgrader or "{}")
  if not nbgrader.solution then return blocks end
  return wrap(string.format("answer(%s)", nbgrader.points or "none"), blocks)
end

local function raw_cell(div)
  local text = ""
  for _, block in ipairs(div.content) do text = text .. block.text end
  return wrap("listing", { pandoc.CodeBlock(text) })
end

-- Words that are longer than a line may be broken every few letters, and end where nobody reads on.
local function broken(text)
  if #text < 200 then return nil end
  local length = utf8.len(text)
  if length and length > 3000 then
    text = text:sub(1, utf8.offset(text, 3000) - 1) .. string.format("… (%d characters more)", length - 3000)
  end
  return (text:gsub(("[%w%p\128-\255]"):rep(24), "%0\u{200b}"))
end

local word_filter = {
  Str = function(word)
    local text = broken(word.text)
    return text and pandoc.Str(text)
  end,
  Code = function(code)
    local text = broken(code.text)
    return text and pandoc.Code(text, code.attr)
  end,
}

function Pandoc(document)
  home, folder = pandoc.utils.stringify(document.meta.home), pandoc.utils.stringify(document.meta.folder)
  if document.meta.joined then title = document.meta.name end -- each notebook keeps its own
  local blocks = pandoc.Blocks({})
  for _, block in ipairs(document.blocks) do
    cell_number = cell_number + 1
    local kind = block.classes[2]
    local set = kind == "code" and code_cell or kind == "markdown" and markdown_cell or raw_cell
    blocks:insert(typst(string.format("// cell %d", cell_number))) -- by which errors are told
    blocks:extend(set(block))
  end
  document.blocks = blocks:walk(link_filter):walk(word_filter)
  document.meta.title = title or document.meta.name
  if unrun_cells > 0 then document.meta.unrun = tostring(unrun_cells) end
  return document
end
