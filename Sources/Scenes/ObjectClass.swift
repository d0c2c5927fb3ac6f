/// The kinds of object that a scene can show.
public enum ObjectClass: String, CaseIterable, Sendable, Hashable, Codable {
  case chair, table, mug, car, house, lamp, tree, bottle, sailboat, airplane, teapot, guitar

  /// The number of models in each class.
  public static let styleCount = 8

  /// The model of a style, its front towards +z, in its own units.
  func solid(style: Int, sides: Int) -> Solid {
    let style = ((style % Self.styleCount) + Self.styleCount) % Self.styleCount
    var solid = Solid(sides: sides)
    switch self {
    case .chair: solid.addChair(ChairStyle.all[style])
    case .table: solid.addTable(TableStyle.all[style])
    case .mug: solid.addMug(MugStyle.all[style])
    case .car: solid.addCar(CarStyle.all[style])
    case .house: solid.addHouse(HouseStyle.all[style])
    case .lamp: solid.addLamp(LampStyle.all[style])
    case .tree: solid.addTree(TreeStyle.all[style])
    case .bottle: solid.addBottle(BottleStyle.all[style])
    case .sailboat: solid.addSailboat(SailboatStyle.all[style])
    case .airplane: solid.addAirplane(AirplaneStyle.all[style])
    case .teapot: solid.addTeapot(TeapotStyle.all[style])
    case .guitar: solid.addGuitar(GuitarStyle.all[style])
    }
    return solid
  }
}
