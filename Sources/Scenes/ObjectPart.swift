/// The parts of the objects that have names, of which each class has some.
public enum ObjectPart: String, CaseIterable, Sendable, Hashable, Codable {
  case arms, back, body, cabin, cap, chimney, crown, door, engines, handle, head, hull, label, legs
  case lid, lights, mast, neck, porch, roof, sails, seat, shade, shelf, spout, stand, strings, tail
  case top, trunk, walls, wheels, windows, wings
}
