/// The class names of well-known data sets, which their files do not always bring along.
public let knownClassNames: [String: [String]] = [
  // Krizhevsky 2009, in the order of its labels.
  "cifar10": [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ],
  "mnist": (0...9).map(String.init),
  // Xiao, Rasul and Vollgraf 2017.
  "fashion-mnist": [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ],
]
