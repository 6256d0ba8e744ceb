package io.cria.weights;

import java.util.Arrays;

/** New rows for an embedding or an output head whose vocabulary grows. */
public final class EmbeddingRows {
  private EmbeddingRows() {}

  /**
   * The matrix with rows [usedRows, newUsedRows) set to the mean of the first {@code usedRows}, as
   * the Alpaca recipe starts new tokens. Rows beyond the used ones may be there already (a padded
   * vocabulary); the result has at least as many rows as the matrix.
   *
   * @param matrix row-major, rows × columns; is not changed
   * @param columns the model's width
   * @param usedRows rows that belong to tokens, at least one
   * @param newUsedRows rows that will
   */
  public static float[] withMeanRows(float[] matrix, int columns, int usedRows, int newUsedRows) {
    int rows = matrix.length / columns;
    if (rows * columns != matrix.length
        || usedRows < 1
        || usedRows > rows
        || newUsedRows < usedRows) {
      throw new IllegalArgumentException(
          "cannot grow "
              + matrix.length
              + " values of width "
              + columns
              + " from "
              + usedRows
              + " to "
              + newUsedRows
              + " rows");
    }
    double[] sum = new double[columns];
    for (int row = 0; row < usedRows; row++) {
      for (int column = 0; column < columns; column++) {
        sum[column] += matrix[row * columns + column];
      }
    }
    float[] grown = Arrays.copyOf(matrix, Math.multiplyExact(Math.max(rows, newUsedRows), columns));
    for (int row = usedRows; row < newUsedRows; row++) {
      for (int column = 0; column < columns; column++) {
        grown[row * columns + column] = (float) (sum[column] / usedRows);
      }
    }
    return grown;
  }
}
