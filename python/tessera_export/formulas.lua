-- Pandoc filter: sets each formula as typst's own code, after notebook.lua. What pandoc writes in words
-- that typst has dropped is renamed. A formula that cannot be set is shown as it is written.
--
-- formulas.json tells which code was made of which formula; unset.json, where it is there, names the
-- formulas that typst has refused.

local written = {} -- { tex, code } of every formula that pandoc could read

local refused = {}
local list = io.open("unset.json")
if list then
  for _, tex in ipairs(pandoc.json.decode(list:read("a"))) do refused[tex] = true end
  list:close()
end

-- TeX that pandoc does not read, or sets badly, in words that it knows. The order counts.
local in_known_words = {
  { "\\!", "" }, -- pandoc makes this thin negative space a whole em wide
  -- Bars round a norm; pandoc takes most for the sign of parallel lines, with an index below it.
  { "\\|", "\\Vert " },
  { "\\left%s*\\lVert%f[%A]", "\\left\\Vert" },
  { "\\right%s*\\rVert%f[%A]", "\\right\\Vert" },
  -- Enlarged delimiters are set right where they are characters, and as words where they have names.
  { "\\[bB]igg?[lrm]?%s*(\\%a+)", "%1" },
  { "\\begin{vmatrix}", "\\left|\\begin{matrix}" },
  { "\\end{vmatrix}", "\\end{matrix}\\right|" },
  { "\\left\\{%s*\\begin{array}%s*%b{}(.-)\\end{array}%s*\\right%.",
    "\\begin{cases}%1\\end{cases}" },
  { "\\label%s*%b{}", "" },
  { "\\tag%*(%b{})", "\\qquad\\text%1" },
  { "\\tag{(.-)}", "\\qquad(\\text{%1})" },
  { "\\[cd]frac%f[%A]", "\\frac" },
  { "\\textcolor%s*%b{}", "" },
  { "\\color%s*%b{}", "" },
  { "{%s*\\(rm)%s+([^{}]*)}", "\\math%1{%2}" },
  { "{%s*\\(bf)%s+([^{}]*)}", "\\math%1{%2}" },
  { "{%s*\\(it)%s+([^{}]*)}", "\\math%1{%2}" },
  { "{%s*\\(cal)%s+([^{}]*)}", "\\math%1{%2}" },
  { "\\thinspace%f[%A]", "\\," },
  { "\\m?kern%s*%-?[%d.]+%s*%a%a", "\\," },
  { "\\hphantom%f[%A]", "\\phantom" },
  { "\\vphantom%s*%b{}", "" },
  { "\\mathstrut%f[%A]", "" },
  { "\\strut%f[%A]", "" },
  { "\\smash%f[%A]", "" },
  { "\\mathinner%f[%A]", "" },
  { "\\thicksim%f[%A]", "\\sim" },
  { "\\thickapprox%f[%A]", "\\approx" },
  { "\\S%f[%A]", "§" },
  { "\\copyright%f[%A]", "©" },
}

-- What pandoc writes, in words that typst has now.
local renamed = {
  { "%f[%a]sect%f[%A]", "inter" },
  { "%f[%a](dot)%.circle%f[%A]", "%1.o" },
  { "%f[%a](times)%.circle%f[%A]", "%1.o" },
  { "%f[%a](minus)%.circle%f[%A]", "%1.o" },
  { "%f[%a](dash)%.circle%f[%A]", "%1.o" },
  { "%f[%a]tack%.r%.double%f[%A]", "tack.rr" },
  { "%f[%a]([lg]t)%.tri%f[%A]", "%1.closed" },
  { "%f[%a]square%.stroked%.tiny%f[%A]", "square.stroked" },
  { "#h%(0em%)", "thick" }, -- \;
}

local function replaced(text, replacements)
  for _, each in ipairs(replacements) do text = text:gsub(each[1], each[2]) end
  return text
end

-- A command's backslash is not the second one of a line's end.
for _, each in ipairs(in_known_words) do each[1] = each[1]:gsub("^\\", "%%f[\\]%0") end

-- Typst's code for a formula; nil where pandoc cannot read it.
local function code_of(tex, kind)
  local known = replaced(tex, in_known_words)
  -- Outside of words pandoc would make of it a mark to align by.
  if not known:find("\\text", 1, true) then known = known:gsub("\\&", "\\text{\\&}") end
  local math = pandoc.Math(kind, known)
  local code = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), "typst"):gsub("%s+$", "")
  if not code:match("^%$.*%$$") then return nil end
  code = code:gsub('delim: "||"', 'delim: "‖"') -- of a Vmatrix
  -- Names stand outside quotes; words in a formula stand within.
  return (code .. '""'):gsub('([^"]*)("[^"]*")', function(names, words)
    return replaced(names, renamed) .. words
  end):sub(1, -3)
end

local function quote(text)
  return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

function Math(math)
  local code = not refused[math.text] and code_of(math.text, math.mathtype)
  if code then
    table.insert(written, { tex = math.text, code = code })
    return pandoc.RawInline("typst", code)
  end
  io.stderr:write("This formula cannot be set, and the PDF shows it as it is written: ",
    math.text, "\n")
  local display = tostring(math.mathtype == "DisplayMath")
  return pandoc.RawInline("typst",
    string.format("#formula-source(display: %s, %s)", display, quote(math.text)))
end

function Pandoc()
  local list = assert(io.open("formulas.json", "w"))
  list:write(pandoc.json.encode(pandoc.List(written)))
  list:close()
end
