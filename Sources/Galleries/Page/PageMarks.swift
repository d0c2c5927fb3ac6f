/// An eye's fovea: rings that get finer towards the middle.
let pageMark = """
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">\
  <circle cx="12" cy="12" r="10" stroke-width="1.6"/>\
  <circle cx="12" cy="12" r="5.6" stroke-width="1.6"/>\
  <circle cx="12" cy="12" r="2" fill="currentColor" stroke="none"/></svg>
  """

/// The same as an address.
let pageIcon = """
  %3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%230b5cad'%3E\
  %3Ccircle cx='12' cy='12' r='10' stroke-width='2'/%3E\
  %3Ccircle cx='12' cy='12' r='5.6' stroke-width='2'/%3E\
  %3Ccircle cx='12' cy='12' r='2.2' fill='%230b5cad'/%3E%3C/svg%3E
  """

/// A disc, half of it dark.
let pageThemeIcon = """
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true">\
  <circle cx="12" cy="12" r="8.5"/><path d="M12 3.5a8.5 8.5 0 0 1 0 17z" fill="currentColor"/></svg>
  """
