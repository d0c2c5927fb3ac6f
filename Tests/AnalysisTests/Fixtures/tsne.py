"""Prints the divergences that NeighborEmbeddingTests hold. scikit-learn 1.9."""
import numpy as np
import sklearn
from sklearn.manifold import TSNE


def features(count, width=8):
    i, d = np.arange(count)[:, None], np.arange(1, width + 1)[None, :]
    noise = np.modf(np.sin(12.9898 * (i + 1) + 78.233 * d) * 43758.5453)[0]
    return (3 * np.cos(2.4 * (i % 5) * d) + noise).astype(np.float32)


print(sklearn.__version__)
for count, perplexity in [(150, 15), (300, 30)]:
    for method in ["exact", "barnes_hut"]:
        tsne = TSNE(perplexity=perplexity, init="pca", method=method, random_state=0)
        tsne.fit(features(count))
        print(count, perplexity, method, round(float(tsne.kl_divergence_), 4))
