"""soft-WPMI and the trust in names against plain numpy, and units whose names are known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import logsumexp, softmax

from helpers.stock import random_visual
from ingest.names.passing import means_and_embeddings
from ingest.names.soft_wpmi import fits, mean_lengths, names, other_concepts, strongest, trusts
from ingest.network.attention_pool import attention_pool_of
from ingest.network.trunk import trunk_of

PICTURES, CONCEPTS, UNITS, NUMBERS = 260, 700, 9, 24


def unit_vectors(rng: np.random.Generator, count: int) -> np.ndarray:
    rows = rng.standard_normal((count, NUMBERS))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def embedded() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures, texts and activations: of no meaning, with a silent unit and one of few pictures."""
    rng = np.random.default_rng(0)
    activations = rng.standard_normal((PICTURES, UNITS)).astype(np.float32)
    activations[:, 0] = 0
    activations[:, 1] = np.maximum(activations[:, 1] - 2, 0)
    return unit_vectors(rng, PICTURES), unit_vectors(rng, CONCEPTS), activations


def plain_scores(pictures: np.ndarray, texts: np.ndarray, activations: np.ndarray) -> np.ndarray:
    """definitions.md section 13 as it is written, unit by unit."""
    shares = softmax(10 * pictures @ texts.T, axis=1)
    evidence = []
    for unit in range(activations.shape[1]):
        order = sorted(range(len(pictures)), key=lambda one: (-activations[one, unit], one))[:100]
        terms = [np.log(1 + (0.998 - 0.028 * k / 100) * (shares[i] - 1) + 1e-7) for k, i in enumerate(order)]
        evidence.append(np.sum(terms, axis=0))
    of_units = np.array(evidence)
    return of_units - (logsumexp(of_units, axis=0) - np.log(len(of_units)))


def test_names_and_scores_are_those_of_the_plain_formula(embedded: tuple[np.ndarray, ...]) -> None:
    pictures, texts, activations = embedded
    expected = plain_scores(pictures, texts, activations)
    found = names(fits(pictures, texts), strongest(activations), 5)
    order = np.argsort(-expected, axis=1, kind="stable")[:, :5]
    assert found.concepts.tolist() == order.tolist()
    np.testing.assert_allclose(found.scores, np.take_along_axis(expected, order, 1), rtol=0, atol=1e-9)


def test_fewer_pictures_than_a_hundred_and_fewer_concepts_than_names(embedded: tuple[np.ndarray, ...]) -> None:
    pictures, texts, activations = (part[:30] for part in embedded)
    expected = plain_scores(pictures, texts[:3], activations)
    found = names(fits(pictures, texts[:3]), strongest(activations), 5)
    assert found.concepts.shape == (UNITS, 3)
    np.testing.assert_allclose(found.scores, -np.sort(-expected, axis=1), rtol=0, atol=1e-9)


def test_trust_is_the_correlation_with_the_fit_of_the_concept(embedded: tuple[np.ndarray, ...]) -> None:
    pictures, texts, activations = embedded
    concepts = np.array([3, 699, 0, 3, 512, 511, 1, 2, 4])
    found = trusts(fits(pictures, texts), concepts, activations)
    shares = softmax(10 * pictures @ texts.T, axis=1)
    expected = [np.corrcoef(shares[:, c], activations[:, unit])[0, 1] for unit, c in enumerate(concepts) if unit]
    assert np.isnan(found[0]), "a silent unit correlates with nothing"
    np.testing.assert_allclose(found[1:], expected, rtol=0, atol=1e-9)


def test_a_random_concept_is_another_than_the_name_and_the_same_again() -> None:
    named = np.arange(500) % 7
    first, again = (other_concepts(named, 7, [0, 3]) for _ in range(2))
    assert (first != named).all()
    assert set(first) == set(range(7))
    assert first.tolist() == again.tolist()


def test_a_mean_embedding_is_as_long_as_its_pictures_agree(embedded: tuple[np.ndarray, ...]) -> None:
    pictures, _, _ = embedded
    chosen = np.array([[0, 4], [0, 9]])
    expected = [1.0, np.linalg.norm((pictures[4] + pictures[9]) / 2)]
    np.testing.assert_allclose(mean_lengths(pictures, chosen), expected, rtol=0, atol=1e-12)


def test_units_that_are_concepts_get_their_names() -> None:
    """A read-out is trained on half of some noisy pictures, one output a concept: it is to find its classes again."""
    rng = np.random.default_rng(1)
    texts = unit_vectors(rng, 40)
    labels = rng.integers(0, 40, 4_000)
    noisy = texts[labels] + 0.12 * rng.standard_normal((4_000, NUMBERS))
    pictures = noisy / np.linalg.norm(noisy, axis=1, keepdims=True)
    features = pictures @ rng.standard_normal((NUMBERS, 64))  # activations that are not embeddings
    weights, *_ = np.linalg.lstsq(features[:2_000], np.eye(40)[labels[:2_000]], rcond=None)
    outputs = np.maximum(features @ weights, 0).astype(np.float32)
    shuffled = rng.permutation(40)
    found = names(fits(pictures, texts), strongest(outputs[:, shuffled]), 1)
    assert (found.concepts[:, 0] == shuffled).mean() == 1


def test_one_pass_gives_stock_means_and_embeddings() -> None:
    visual = random_visual((1, 1, 1, 1), 4, 64)
    visual.attnpool.double()
    images = torch.randn(3, 3, 64, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    pool = attention_pool_of(visual.attnpool, torch.float64)
    maps: dict[str, torch.Tensor] = {}
    hooks = [
        visual.layer2[0].bn1.register_forward_hook(lambda _, __, out: maps.update({"2/0/1": out.clone()})),
        visual.layer4.register_forward_hook(lambda _, __, out: maps.update({"4/0/8": out.clone()})),
    ]
    with torch.no_grad():
        expected = visual(images)
        means, embeddings = means_and_embeddings(trunk_of(visual, torch.float64), pool, images, {"2/0/1", "4/0/8"})
    for hook in hooks:
        hook.remove()
    assert means.keys() == maps.keys()
    for name, values in means.items():
        np.testing.assert_allclose(values, maps[name].mean((2, 3)).numpy(), atol=1e-5)
    np.testing.assert_allclose(embeddings, torch.nn.functional.normalize(expected, dim=1).numpy(), atol=1e-10)
