internal import Drawing

/// The picture in a grid; `Networks` has an operation of this name.
typealias Tile = Drawing.Tile
